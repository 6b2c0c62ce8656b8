//! Connections that a handler can break without an answer, as a network does; with TLS on them where that is wanted.

mod breakable;

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpListener;
use tokio_rustls::server::TlsStream;
use tokio_rustls::{Accept, TlsAcceptor};

use breakable::BreakableStream;
pub(super) use breakable::Breaker;

/// A listener whose connections can be broken.
pub(super) struct BreakableListener {
    pub(super) listener: TcpListener,
    /// What makes TLS of a connection; without it, there is none.
    pub(super) tls: Option<TlsAcceptor>,
}

impl Listener for BreakableListener {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        // The inner implementation logs and waits when the system has no more sockets.
        let (stream, address) = Listener::accept(&mut self.listener).await;
        let breaker = Breaker::default();
        let stream = BreakableStream::new(stream, breaker.clone());
        let layers = match &self.tls {
            None => Layers::Plain(stream),
            Some(tls) => Layers::Handshake(Box::new(tls.accept(stream))),
        };
        (Connection { layers, breaker }, address)
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.listener.local_addr()
    }
}

impl Connected<IncomingStream<'_, BreakableListener>> for Breaker {
    fn connect_info(stream: IncomingStream<'_, BreakableListener>) -> Self {
        stream.io().breaker.clone()
    }
}

/// A connection; where there is TLS, its handshake is made by whoever reads or writes first, so that a slow one delays nobody else.
pub(super) struct Connection {
    layers: Layers,
    breaker: Breaker,
}

enum Layers {
    Plain(BreakableStream),
    Handshake(Box<Accept<BreakableStream>>),
    Tls(Box<TlsStream<BreakableStream>>),
}

/// What can be read from and written to, once it is ready.
trait Bytes: AsyncRead + AsyncWrite + Unpin {}

impl<T: AsyncRead + AsyncWrite + Unpin> Bytes for T {}

impl Connection {
    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<io::Result<Pin<&mut dyn Bytes>>> {
        if let Layers::Handshake(accept) = &mut self.layers {
            let stream = ready!(Pin::new(accept.as_mut()).poll(context))?;
            self.layers = Layers::Tls(Box::new(stream));
        }
        Poll::Ready(match &mut self.layers {
            Layers::Plain(stream) => Ok(Pin::new(stream)),
            Layers::Tls(stream) => Ok(Pin::new(stream.as_mut())),
            // It has just become something else.
            Layers::Handshake(_) => Err(io::ErrorKind::NotConnected.into()),
        })
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        ready!(self.poll_ready(context))?.poll_read(context, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        ready!(self.poll_ready(context))?.poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_ready(context))?.poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        // Who closes before the handshake is over has nobody to say goodbye to.
        if matches!(self.layers, Layers::Handshake(_)) {
            return Poll::Ready(Ok(()));
        }
        ready!(self.poll_ready(context))?.poll_shutdown(context)
    }
}
