import { type Place, positionOf } from './node.ts';
import type { Finding } from './report.ts';

/** A finding with its place, for a SARIF log. */
export interface SarifFinding {
  readonly finding: Finding;
  readonly place?: Place | undefined;
}

const LEVELS = { ERROR: 'error', WARNING: 'warning', INFO: 'note' } as const;

/** Renders findings as a SARIF 2.1.0 log, for code scanning and editors. Paths are relative to the current folder. */
export function sarifLog(findings: readonly SarifFinding[], version: string) {
  const ids = [...new Set(findings.map(({ finding }) => ruleOf(finding)))];
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'tripline', version, rules: ids.map((id) => ({ id })) } },
        columnKind: 'utf16CodeUnits',
        results: findings.map(({ finding, place }) => ({
          ruleId: ruleOf(finding),
          ruleIndex: ids.indexOf(ruleOf(finding)),
          level: LEVELS[finding.level],
          message: { text: finding.message },
          ...(finding.file !== undefined && { locations: [locationOf(finding, place)] }),
        })),
      },
    ],
  };
}

function ruleOf({ code, type }: Finding): string {
  return type ?? code;
}

function locationOf({ file = '', line, column, name, path }: Finding, place: Place | undefined) {
  const region = line !== undefined && { region: { startLine: line, startColumn: column, ...endOf(place) } };
  const logical = [name, path].filter((part) => part !== undefined).join('.');
  return {
    physicalLocation: { artifactLocation: { uri: encodeURI(file) }, ...region },
    ...(logical !== '' && { logicalLocations: [{ fullyQualifiedName: logical }] }),
  };
}

function endOf(place: Place | undefined) {
  if (place === undefined || place.end <= place.start) return {};
  const { line, column } = positionOf({ ...place, start: place.end });
  return { endLine: line, endColumn: column };
}
