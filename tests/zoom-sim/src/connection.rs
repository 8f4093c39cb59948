//! Connections that can be cut: by a fault, by going offline, and when the simulator is dropped.
//!
//! `axum::serve` hands each connection to a task of its own, which lives on when the server is stopped. Here every
//! read and write also listens for the cut, so that a dropped simulator is really gone.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use futures::future::{Either, select};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// Listens, and knows when to stop.
pub(crate) struct Gate {
    listener: TcpListener,
    stop: watch::Receiver<bool>,
}

impl Gate {
    pub(crate) fn new(listener: TcpListener, stop: watch::Receiver<bool>) -> Self {
        Self { listener, stop }
    }
}

impl Listener for Gate {
    type Io = Line;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Line, SocketAddr) {
        loop {
            if let Ok((stream, peer)) = self.listener.accept().await {
                let _ = stream.set_nodelay(true);
                return (Line::new(stream, self.stop.clone()), peer);
            }
            // Out of file descriptors, most likely: some will be free again soon.
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// One connection.
pub(crate) struct Line {
    stream: TcpStream,
    cut: Cut,
    over: Pin<Box<dyn Future<Output = ()> + Send>>,
    is_over: bool,
}

impl Line {
    fn new(stream: TcpStream, mut stop: watch::Receiver<bool>) -> Self {
        let sender = Arc::new(watch::Sender::new(false));
        let mut own = sender.subscribe();
        let over = async move {
            let stopped = async {
                // A closed channel means the simulator is gone.
                let _ = stop.wait_for(|stop| *stop).await;
            };
            let cut = async {
                let _ = own.wait_for(|cut| *cut).await;
            };
            match select(Box::pin(stopped), Box::pin(cut)).await {
                Either::Left(_) | Either::Right(_) => {}
            }
        };
        Self { stream, cut: Cut { sender }, over: Box::pin(over), is_over: false }
    }

    fn check(&mut self, context: &mut Context<'_>) -> io::Result<()> {
        if self.is_over || self.over.as_mut().poll(context).is_ready() {
            self.is_over = true;
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        Ok(())
    }
}

impl AsyncRead for Line {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.check(context)?;
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Line {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        data: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.check(context)?;
        Pin::new(&mut self.stream).poll_write(context, data)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        data: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.check(context)?;
        Pin::new(&mut self.stream).poll_write_vectored(context, data)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

/// Cuts the connection that a request came on.
#[derive(Clone)]
pub(crate) struct Cut {
    sender: Arc<watch::Sender<bool>>,
}

impl Cut {
    /// Cuts now. The request's future is dropped with its connection, so this never returns.
    pub(crate) async fn now(&self) -> ! {
        self.sender.send_replace(true);
        std::future::pending::<std::convert::Infallible>().await;
        unreachable!("the future above is never ready")
    }

    pub(crate) fn mark(&self) {
        self.sender.send_replace(true);
    }
}

impl Connected<IncomingStream<'_, Gate>> for Cut {
    fn connect_info(stream: IncomingStream<'_, Gate>) -> Self {
        stream.io().cut.clone()
    }
}
