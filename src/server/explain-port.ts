/** The reason why a port cannot be listened on, and what to do. */
export function explainPort(error: unknown, host: string, port: number, flag: string): string {
  const { code, message } = error as NodeJS.ErrnoException;
  const none = flag.startsWith('--mqtt') ? ', or 0 for none' : '';
  if (code === 'EADDRINUSE') {
    return `Port ${port} of ${host} is in use by another program. Choose another one with ${flag}${none}.`;
  }
  if (code === 'EACCES') return `Port ${port} needs more rights. Choose one above 1023 with ${flag}${none}.`;
  return `Cannot listen on ${host}:${port}: ${message}`;
}
