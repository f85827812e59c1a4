/**
 * Where workers may be. Texts and the workers' token go there, so a heartbeat, or a row that somebody wrote into the
 * table, cannot send them anywhere else: loopback, and what `WORKER_ADDRESSES` lists.
 */
import { lookup as systemLookup, type LookupAddress, type LookupOptions } from 'node:dns';
import { BlockList, isIP } from 'node:net';
import { hostNameOf, isLoopback, matchesHost } from '../../contracts/http/hosts.js';
import { workerAddressSchema } from '../../contracts/worker/worker.js';
import { isReserved, type ReservedOrigin } from './reserved-origins.js';

export class AddressNotAllowedError extends Error {
  override readonly name = 'AddressNotAllowedError';
  readonly code = 'ERR_ADDRESS_NOT_ALLOWED';
}

type Resolve = (
  host: string,
  options: LookupOptions & { all: true },
  done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;
type Done = (error: Error | null, address: string | LookupAddress[], family?: number) => void;

export class WorkerAddresses {
  readonly #names: readonly string[];
  readonly #networks = new BlockList();
  readonly #hasNetworks: boolean;
  readonly #resolve: Resolve;
  readonly #reserved: readonly ReservedOrigin[];

  /**
   * @param entries names, `*.below.a.name`, addresses, and networks such as 10.0.0.0/16
   * @param reserved where no worker can be all the same
   */
  constructor(
    entries: readonly string[],
    reserved: readonly ReservedOrigin[] = [],
    resolve: Resolve = systemLookup,
  ) {
    const [networks, names] = [entries.filter(isNetwork), entries.filter((entry) => !isNetwork(entry))];
    this.#names = names;
    this.#hasNetworks = networks.length > 0;
    for (const entry of networks) addNetwork(this.#networks, entry);
    this.#resolve = resolve;
    this.#reserved = reserved;
  }

  /** By its text. A name that is not listed may lead into a listed network: that shows when a connection is made. */
  mayBeAt(address: string): boolean {
    if (!workerAddressSchema.safeParse(address).success || isReserved(address, this.#reserved)) return false;
    const host = hostNameOf(new URL(address).host);
    if (host === undefined) return false;
    return isIP(host) === 0 ? this.#isListed(host) || this.#hasNetworks : this.#isAllowedIp(host);
  }

  /** For `net.connect`: what a name resolves to at the moment of the connection is what counts. */
  readonly lookup = (host: string, options: LookupOptions, done: Done): void => {
    this.#resolve(host, { ...options, all: true }, (error, found) => {
      if (error) {
        done(error, []);
        return;
      }
      const allowed = found.filter(({ address }) => this.#mayResolveTo(host.toLowerCase(), address));
      const [first] = allowed;
      if (first === undefined) {
        done(new AddressNotAllowedError(`${host} leads where no worker may be; see WORKER_ADDRESSES`), []);
      } else if (options.all === true) done(null, allowed);
      else done(null, first.address, first.family);
    });
  };

  /** A listed name is trusted, but not so far as to lead to the metadata service of a cloud. */
  #mayResolveTo(name: string, ip: string): boolean {
    return this.#isAllowedIp(ip) || (this.#isListed(name) && name !== 'localhost' && !contains(NEVER, ip));
  }

  #isListed(name: string): boolean {
    return name === 'localhost' || this.#names.some((pattern) => matchesHost(pattern, name));
  }

  #isAllowedIp(ip: string): boolean {
    return isLoopback(ip) || contains(this.#networks, ip);
  }
}

function isNetwork(entry: string): boolean {
  return isIP(entry.split('/', 1)[0] ?? '') !== 0;
}

function addNetwork(list: BlockList, entry: string): void {
  const [address = '', bits] = entry.split('/');
  const family = familyOf(address);
  if (bits === undefined) list.addAddress(address, family);
  else list.addSubnet(address, Number(bits), family);
}

function contains(list: BlockList, ip: string): boolean {
  const address = ip.split('%', 1)[0] ?? ip; // of which link is not asked
  return list.check(address, familyOf(address));
}

function familyOf(ip: string): 'ipv4' | 'ipv6' {
  return isIP(ip) === 6 ? 'ipv6' : 'ipv4';
}

/** Link-local, unspecified and multicast addresses. */
const NEVER = new BlockList();
for (const network of [
  '169.254.0.0/16',
  'fe80::/10',
  '0.0.0.0/8',
  '::/128',
  '224.0.0.0/4',
  'ff00::/8',
  'fd00:ec2::254',
])
  addNetwork(NEVER, network);
