import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { type RawRow, writeBackup } from '../../store/backup.ts';
import type { Route } from '../front.ts';

/**
 * `GET /_tripline/backup`: all rows as of one commit, while the server continues, as gzip of the lines of
 * `store/backup.ts`.
 */
export function backupRoute(dump: () => AsyncIterable<RawRow>): Route {
  return {
    access: 'tripline:Backup',
    answer: async (_request, response) => {
      const rows = dump();
      response.writeHead(200, { 'Content-Type': 'application/gzip' });
      await pipeline(Readable.from(writeBackup(rows)), createGzip(), response);
    },
  };
}
