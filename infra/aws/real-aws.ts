/**
 * Host names of AWS: the DNS suffixes of all its partitions, plain and dual-stack, as the SDK knows them
 * (`partitions.json` of @aws-sdk/core). An address says nothing, and is let through: AWS refuses calls that are not signed.
 */
const SUFFIXES = [
  'amazonaws.com',
  'api.aws',
  'amazonaws.com.cn',
  'api.amazonwebservices.com.cn',
  'amazonaws.eu',
  'api.amazonwebservices.eu',
  'c2s.ic.gov',
  'api.aws.ic.gov',
  'sc2s.sgov.gov',
  'api.aws.scloud',
  'cloud.adc-e.uk',
  'api.cloud-aws.adc-e.uk',
  'csp.hci.ic.gov',
  'api.aws.hci.ic.gov',
] as const;

export function isRealAws(hostname: string): boolean {
  const name = hostname.toLowerCase().replace(/\.+$/, '');
  return SUFFIXES.some((suffix) => name === suffix || name.endsWith(`.${suffix}`));
}
