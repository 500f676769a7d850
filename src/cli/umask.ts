/** What this process makes from now on, other users of the machine may not read: it holds what devices have sent. */
export function keepToOwner(): void {
  process.umask(0o077);
}
