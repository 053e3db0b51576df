//! Which user is at the other end of a loopback connection: the kernel knows the owner of each socket of this machine.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

/// Whether a loopback connection belongs to the user who started this server, or to root. One whose owner the kernel does
/// not tell does not.
pub fn is_own(peer: SocketAddr, local: SocketAddr) -> bool {
    // SAFETY: it only reads the process's own user id
    let own = unsafe { libc::geteuid() };
    owner(peer, local).is_some_and(|user| is_admitted(user, own, overflow_uid()))
}

/// Root and the user who started the server. In a user namespace everybody from outside of it has one user id, which may
/// be the server's own: it says nothing of anybody.
fn is_admitted(user: u32, own: u32, overflow_uid: u32) -> bool {
    user == 0 || (user == own && user != overflow_uid)
}

/// The user id by which a user namespace calls those it does not know.
fn overflow_uid() -> u32 {
    const DEFAULT: u32 = 65534;
    let text = std::fs::read_to_string("/proc/sys/kernel/overflowuid").unwrap_or_default();
    text.trim().parse().unwrap_or(DEFAULT)
}

/// The user whose socket is bound to `peer` and connected to `local`.
fn owner(peer: SocketAddr, local: SocketAddr) -> Option<u32> {
    // a program may reach an IPv4 address through an IPv6 socket
    let mapped = (in_table(v6(peer)), in_table(v6(local)));
    let plain = (in_table(peer), in_table(local));
    let tables = [("/proc/self/net/tcp", &plain), ("/proc/self/net/tcp6", &mapped)];
    tables
        .into_iter()
        .find_map(|(path, (from, to))| find(&std::fs::read_to_string(path).ok()?, from, to))
}

/// The user in the line of a table that names both ends. Of a socket that was closed meanwhile the kernel says user 0 and
/// no inode: it is nobody's.
fn find(table: &str, from: &str, to: &str) -> Option<u32> {
    const ESTABLISHED: &str = "01";
    table.lines().skip(1).find_map(|line| {
        // sl local remote state queues timer retransmits uid timeout inode …
        let fields: Vec<&str> = line.split_ascii_whitespace().skip(1).collect();
        let &[local, remote, state, _, _, _, user, _, inode, ..] = fields.as_slice() else {
            return None;
        };
        ((local, remote) == (from, to) && state == ESTABLISHED && inode != "0").then(|| user.parse().ok())?
    })
}

fn v6(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) => ip.to_ipv6_mapped(),
        IpAddr::V6(ip) => ip,
    };
    SocketAddr::new(ip.into(), address.port())
}

/// An address as the tables write it: each four bytes as one number of this machine's byte order.
fn in_table(address: SocketAddr) -> String {
    let words = |bytes: &[u8]| -> String {
        let word = |four: &[u8]| four.try_into().map_or(0, u32::from_ne_bytes);
        bytes
            .chunks_exact(4)
            .map(|four| format!("{:08X}", word(four)))
            .collect()
    };
    let ip = match address.ip() {
        IpAddr::V4(ip) => words(&ip.octets()),
        IpAddr::V6(ip) => words(&Ipv6Addr::octets(&ip)),
    };
    format!("{ip}:{:04X}", address.port())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{TcpListener, TcpStream};

    #[test]
    fn the_owner_of_a_real_connection_is_found() {
        for host in ["127.0.0.1:0", "[::1]:0"] {
            let Ok(listener) = TcpListener::bind(host) else {
                assert!(host.contains("::1"), "no loopback at all");
                continue;
            };
            let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
            let (server, peer) = listener.accept().unwrap();
            assert_eq!(peer, client.local_addr().unwrap());
            assert!(is_own(peer, server.local_addr().unwrap()), "{host}");
            // a port nobody is bound to is nobody's
            let nobody = SocketAddr::new(peer.ip(), 1);
            assert_eq!(owner(nobody, server.local_addr().unwrap()), None);
        }
    }

    #[test]
    fn who_is_let_in() {
        for (user, own, let_in) in [
            (1000, 1000, true),
            (0, 1000, true),
            (1001, 1000, false),
            // the overflow id is everybody's, even where it is the server's own
            (65534, 1000, false),
            (65534, 65534, false),
            (0, 65534, true),
        ] {
            assert_eq!(is_admitted(user, own, 65534), let_in, "{user} at a server of {own}");
        }
        assert_ne!(overflow_uid(), 0);
    }

    #[cfg(target_endian = "little")]
    #[test]
    fn lines_of_the_tables() {
        let v4 = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n   \
                  0: 0100007F:1EB4 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 1 1 0 100\n   \
                  1: 0100007F:D431 0100007F:1EB4 01 00000000:00000000 00:00000000 00000000 65534        0 2 1 0 20\n";
        let (from, to) = ("127.0.0.1:54321".parse().unwrap(), "127.0.0.1:7860".parse().unwrap());
        assert_eq!(find(v4, &in_table(from), &in_table(to)), Some(65534));
        assert_eq!(find(v4, &in_table(to), &in_table(from)), None);
        let closed = v4.replace(
            "01 00000000:00000000 00:00000000 00000000 65534        0 2",
            "05 00000000:00000000 00:00000000 00000000     0        0 0",
        );
        assert_eq!(find(&closed, &in_table(from), &in_table(to)), None);
        assert_eq!(in_table(v6(to)), "0000000000000000FFFF00000100007F:1EB4");
    }
}
