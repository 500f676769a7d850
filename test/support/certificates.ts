import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

/** PEM files. */
export interface CertificateFiles {
  readonly cert: string;
  readonly key: string;
}

const KIND = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/** A certificate authority, written to files in that folder. */
export function makeAuthority(folder: string, name: string): CertificateFiles {
  const files = filesOf(folder, name);
  const subject = ['-subj', `/CN=${name}`, '-days', '1'];
  run(['req', '-x509', ...KIND, ...subject, '-keyout', files.key, '-out', files.cert]);
  return files;
}

/** A certificate signed by an authority, for 127.0.0.1 and localhost. */
export function makeCertificate(folder: string, name: string, authority: CertificateFiles): CertificateFiles {
  const files = filesOf(folder, name);
  const [request, extensions] = [join(folder, `${name}.csr`), join(folder, `${name}.ext`)];
  writeFileSync(extensions, 'subjectAltName=IP:127.0.0.1,DNS:localhost\n');
  run(['req', ...KIND, '-subj', `/O=Plant/CN=${name}`, '-keyout', files.key, '-out', request]);
  const by = ['-CA', authority.cert, '-CAkey', authority.key, '-CAcreateserial'];
  run(['x509', '-req', '-in', request, ...by, '-days', '1', '-extfile', extensions, '-out', files.cert]);
  return files;
}

function filesOf(folder: string, name: string): CertificateFiles {
  return { cert: join(folder, `${name}.pem`), key: join(folder, `${name}-key.pem`) };
}

function run(args: readonly string[]): void {
  execFileSync('openssl', args, { stdio: 'pipe' });
}
