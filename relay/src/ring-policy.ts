/** What the operator's settings say about the ring. */
import type { RingPolicy } from '../../src/core/identity/authority.ts';
import type { RelayConfig } from './config.ts';

/** Bytes that one tab may place in the ring, and that it keeps for others. */
export const TAB_QUOTA_BYTES = 2 * 1024 ** 3;

export function ringPolicy({ domain, replicas, relayReplicas, quotaBytes }: RelayConfig): RingPolicy {
  return {
    domain,
    k: replicas,
    a: relayReplicas,
    quotaBytes: TAB_QUOTA_BYTES,
    relayQuotaBytes: quotaBytes,
  };
}
