import * as v from 'valibot';

const verdict = v.picklist(['multipath', 'fallback', 'plain-tcp', 'nothing']);

/** `snippets/matrix.json`: every client against every server, as it was run in real labs. */
export const matrixSchema = v.strictObject({
  /** The day of the run, UTC. */
  recordedOn: v.pipe(v.string(), v.isoDate()),
  /** The release of the kernel that it ran on. */
  kernel: v.string(),
  /** Debian's packages of each language, with their versions. */
  versions: v.record(v.string(), v.record(v.string(), v.string())),
  /** `nothing` also where the two did not understand each other. */
  cells: v.array(v.strictObject({ client: v.string(), server: v.string(), verdict })),
});

export type Matrix = v.InferOutput<typeof matrixSchema>;
export type MatrixCell = Matrix['cells'][number];
