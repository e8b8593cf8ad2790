using System.Globalization;

namespace OrleansBatch.Silo.Options;

/// <summary>The data folder, held by one program at a time by a kernel lock that dies with it.</summary>
internal sealed class DataFolder : IDisposable
{
    private const UnixFileMode OnlyThisUser = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly FileStream _lock;

    private DataFolder(FileStream held) => _lock = held;

    /// <summary>Makes the folder if need be, and takes it.</summary>
    /// <exception cref="StartException">It cannot be written, or another program holds it.</exception>
    public static DataFolder Take(string path)
    {
        var lockPath = Path.Combine(path, "lock");
        try
        {
            _ = Directory.CreateDirectory(path, OnlyThisUser);
            var held = new FileStream(lockPath, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1);
            held.SetLength(0);
            held.Write(System.Text.Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture)));
            held.Flush();
            return new(held);
        }
        catch (IOException) when (Directory.Exists(path) && File.Exists(lockPath))
        {
            throw new StartException($"Data folder {path} is in use by another OrleansBatch. Stop that one, or choose another folder with --data.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StartException($"Data folder {path} cannot be used: {exception.Message} Choose another folder with --data.");
        }
    }

    public void Dispose() => _lock.Dispose();
}

/// <summary>The program cannot start; the message is for the person who started it.</summary>
internal sealed class StartException(string message) : Exception(message);
