/**
 * In the page's build this stands for netmask, which libp2p would load to tell private addresses from public ones: addresses come
 * from certificates, and are dialled as they are.
 */
export class Netmask {
  contains(): boolean {
    return false;
  }
}
