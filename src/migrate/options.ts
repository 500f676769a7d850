/** The options of `tripline import`. */
export interface ImportOptions {
  /** Values of template parameters and Terraform variables. */
  readonly parameters?: ReadonlyMap<string, string>;
  /** Values of unresolved references, by the reference as named in findings. */
  readonly resolve?: ReadonlyMap<string, string>;
  /** Overrides the region in the manifest of a CDK output folder. */
  readonly region?: string;
  readonly defaultRegion?: string;
  readonly accountId?: string;
  readonly stackName?: string;
  /** Drop actions of topic rules that do not run here. */
  readonly dropUnsupportedActions?: boolean;
}

export const DEFAULT_REGION = 'us-east-1';
export const DEFAULT_ACCOUNT_ID = '000000000000';
