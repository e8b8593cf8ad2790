using System.Net.Sockets;
using System.Text;

namespace OrleansBatch.Processes;

/// <summary>Unix domain sockets at paths of any length.</summary>
/// <remarks>
/// An address holds 107 bytes and data folders are often deeper. So a socket is named through a descriptor of its
/// directory, <c>/proc/self/fd/N/name</c>, which is always short.
/// </remarks>
public static unsafe class LocalSocket
{
    private const int AddressSize = 110;
    private const int Backlog = 16;

    /// <summary>Listens at a path, in place of whatever was there. The caller must hold the lock of the place.</summary>
    /// <exception cref="IOException">The system refuses.</exception>
    public static FileDescriptor Listen(string directory, string name)
    {
        File.Delete(Path.Combine(directory, name));
        using var place = FileDescriptor.OpenPath(directory);
        var number = Libc.Socket(Libc.UnixFamily, Libc.StreamSocket | Libc.SocketCloseOnExec, 0);
        var socket = number >= 0 ? FileDescriptor.Raise(number) : throw OsError.Last.ToException("socket");

        var address = stackalloc byte[AddressSize];
        new Span<byte>(address, AddressSize).Clear();
        *(ushort*)address = Libc.UnixFamily;
        _ = Encoding.UTF8.GetBytes(Through(place, name), new Span<byte>(address + 2, AddressSize - 3));
        if (Libc.Bind(socket.Number, address, AddressSize) != 0 || Libc.Listen(socket.Number, Backlog) != 0)
        {
            var error = OsError.Last;
            socket.Dispose();
            throw error.ToException(Path.Combine(directory, name));
        }

        return socket;
    }

    /// <summary>Connects to who listens there.</summary>
    /// <exception cref="SocketException">Nobody does.</exception>
    /// <exception cref="IOException">The directory is not there.</exception>
    public static Socket Connect(string directory, string name)
    {
        using var place = FileDescriptor.OpenPath(directory);
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(Through(place, name)));
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static string Through(FileDescriptor directory, string name) => $"/proc/self/fd/{directory.Number}/{name}";
}
