/** What the user says about the texts: the flags of `tripline import`. */
export interface ImportOptions {
  /** Values for the parameters of templates and the variables of Terraform. */
  readonly parameters?: ReadonlyMap<string, string>;
  /** Values for what cannot be resolved, by the reference as a finding names it. */
  readonly resolve?: ReadonlyMap<string, string>;
  /** Wins over what a CDK output folder says of its stacks. */
  readonly region?: string;
  readonly defaultRegion?: string;
  readonly accountId?: string;
  readonly stackName?: string;
  /** Leave out actions of topic rules that do not run here. */
  readonly dropUnsupportedActions?: boolean;
}

export const DEFAULT_REGION = 'us-east-1';
export const DEFAULT_ACCOUNT_ID = '000000000000';
