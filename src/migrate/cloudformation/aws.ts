/** The region, account and stack that references depend on. */
export interface Environment {
  readonly region: string;
  readonly accountId: string;
  readonly stackName: string;
}

const PARTITIONS: readonly (readonly [prefix: string, partition: string, urlSuffix: string])[] = [
  ['cn-', 'aws-cn', 'amazonaws.com.cn'],
  ['us-gov-', 'aws-us-gov', 'amazonaws.com'],
  ['us-isob-', 'aws-iso-b', 'sc2s.sgov.gov'],
  ['us-iso-', 'aws-iso', 'c2s.ic.gov'],
  ['eusc-', 'aws-eusc', 'amazonaws.eu'],
];

export function partitionOf(region: string): string {
  return PARTITIONS.find(([prefix]) => region.startsWith(prefix))?.[1] ?? 'aws';
}

export function urlSuffixOf(region: string): string {
  return PARTITIONS.find(([prefix]) => region.startsWith(prefix))?.[2] ?? 'amazonaws.com';
}

export function arnOf({ region, accountId }: Environment, service: string, resource: string): string {
  const place = service === 'iam' ? '' : region;
  return `arn:${partitionOf(region)}:${service}:${place}:${accountId}:${resource}`;
}

/** The value of a pseudo parameter; undefined for `AWS::NoValue`, `AWS::NotificationARNs` and other names. */
export function pseudoParameter(name: string, environment: Environment): string | undefined {
  const { region, accountId, stackName } = environment;
  switch (name) {
    case 'AWS::Region':
      return region;
    case 'AWS::AccountId':
      return accountId;
    case 'AWS::Partition':
      return partitionOf(region);
    case 'AWS::URLSuffix':
      return urlSuffixOf(region);
    case 'AWS::StackName':
      return stackName;
    case 'AWS::StackId':
      return arnOf(environment, 'cloudformation', `stack/${stackName}/00000000-0000-0000-0000-000000000000`);
    default:
      return undefined;
  }
}
