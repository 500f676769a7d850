/** Whether this process can have threads of its own code: Node 20 runs no TypeScript in them, so from the sources it cannot. */
export const HAS_THREADS = !import.meta.url.endsWith('.ts');
