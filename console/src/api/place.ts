/** Where the console and the API are, also behind a path prefix: both end with a slash. */
export const CONSOLE_ROOT = new URL(document.baseURI).pathname;
export const API_ROOT = CONSOLE_ROOT.replace(/console\/$/, '');
