//! Whether there is a network, and whether it is another one than before, without sending anything.
//!
//! Connecting a UDP socket only makes the system choose the way that packets would take: without a network there is
//! none, and another network gives this computer another address. The addresses asked about are those kept for
//! examples (RFC 5737, RFC 3849), and nothing is ever sent to them. That is the same on the three systems, needs no
//! service of the desktop, and costs a few system calls.

use std::net::{IpAddr, UdpSocket};
use std::sync::{Arc, Mutex, PoisonError};

/// Tells this computer's address on the way out, as an argument: a story can take the network away. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct WayOut(Option<Arc<Mutex<Option<IpAddr>>>>);

impl WayOut {
    /// The machine's.
    pub fn system() -> Self {
        Self(None)
    }

    /// This one until it is changed; none: there is no network.
    pub fn manual(address: Option<IpAddr>) -> Self {
        Self(Some(Arc::new(Mutex::new(address))))
    }

    /// Changes one made by [`WayOut::manual`]; the machine's stays as it is.
    pub fn set(&self, address: Option<IpAddr>) {
        if let Some(manual) = &self.0 {
            *manual.lock().unwrap_or_else(PoisonError::into_inner) = address;
        }
    }

    /// The address now; none without a network.
    pub(super) fn now(&self) -> Option<IpAddr> {
        match &self.0 {
            Some(manual) => *manual.lock().unwrap_or_else(PoisonError::into_inner),
            None => of_machine(),
        }
    }
}

fn of_machine() -> Option<IpAddr> {
    let try_one = |own: &str, other: &str| {
        let socket = UdpSocket::bind(own).ok()?;
        socket.connect(other).ok()?;
        Some(socket.local_addr().ok()?.ip())
    };
    try_one("0.0.0.0:0", "192.0.2.1:9").or_else(|| try_one("[::]:0", "[2001:db8::1]:9"))
}
