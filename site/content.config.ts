import { defineCollection } from 'astro:content';
import { docsLoader } from '@astrojs/starlight/loaders';
import { docsSchema } from '@astrojs/starlight/schema';
import { z } from 'astro/zod';

/** What a page of ours says beside Starlight's own fields. */
const ownFields = z.object({
  /** One or two sentences under the heading. */
  lede: z.string().optional(),
  /** The folder in `snippets/` that a language page teaches. */
  snippet: z.string().optional(),
  /** The folder in `snippets/` with the code for the reader's own device that a page teaches. */
  device: z.string().optional(),
  /** The same line of code without and with Multipath TCP. Both stand in the snippet's sources; the second one, in a device's program. */
  difference: z.object({ plain: z.string(), multipath: z.string() }).optional(),
});

export const collections = {
  docs: defineCollection({ loader: docsLoader(), schema: docsSchema({ extend: ownFields }) }),
};
