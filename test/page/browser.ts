import { type Browser, chromium } from 'playwright-core';

/** The system's own Chromium, quiet: it asks nobody for anything but the pages under test. A new profile each time. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: [
      // Chromium's own sandbox does not start as root, and the pages are ours.
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
      '--disable-quic',
    ],
  });
}
