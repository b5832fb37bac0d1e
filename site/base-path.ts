/** The path of a page or file of this site under the base path that it is built for. `page` has no leading slash. */
export const sitePath = (page: string): string => `${import.meta.env.BASE_URL.replace(/\/$/, '')}/${page}`;
