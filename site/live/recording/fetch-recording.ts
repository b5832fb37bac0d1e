import { parseRecording, type Recording } from '../../../protocol/recording.ts';

/** A recording of this site, as `site/pages/recordings/` gives it. Null where it cannot be had. */
export async function fetchRecording(base: string, snippet: string, name: string): Promise<Recording | null> {
  try {
    const url = new URL(`${base.replace(/\/*$/, '/')}recordings/${snippet}/${name}.json`, location.href);
    const response = await fetch(url);
    return response.ok ? parseRecording(await response.text()) : null;
  } catch {
    return null;
  }
}
