/** Files that this process creates from now on are readable for its user only: they contain what devices have sent. */
export function keepToOwner(): void {
  process.umask(OWNER_ONLY);
}

/** The same only for what is made during an action. */
export async function keptToOwner<T>(action: () => Promise<T>): Promise<T> {
  const before = process.umask(OWNER_ONLY);
  try {
    return await action();
  } finally {
    process.umask(before);
  }
}

const OWNER_ONLY = 0o077;
