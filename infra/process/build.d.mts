export interface BuildReport {
  readonly built: number;
  readonly written: readonly string[];
  readonly removed: readonly string[];
}

export function build(root?: string): Promise<BuildReport>;
