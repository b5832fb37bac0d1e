/** An error that a compiler or a program told of, in a file of the page. Lines count from 1. */
export type Fault = { file: string; line: number; message: string };

/** The place in a file of the page that a printed path and line number name; null for any other. */
export type Locate = (path: string | undefined, line: string | undefined) => Omit<Fault, 'message'> | null;

/** Reads printed lines one after the other, and tells the fault that a line completes. */
export type Reader = (line: string) => Fault | null;

/** The way in which some compilers or languages print their errors. A reader is for one output. */
export type Format = (locate: Locate) => Reader;
