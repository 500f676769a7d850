/** What this process makes from now on, other users of the machine may not read: it holds what devices have sent. */
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
