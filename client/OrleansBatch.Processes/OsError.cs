using System.Runtime.InteropServices;

namespace OrleansBatch.Processes;

/// <summary>An error number of the operating system, and its words.</summary>
public readonly record struct OsError(int Number)
{
    /// <summary>ENOENT: no such file or directory.</summary>
    public static OsError NotFound { get; } = new(2);

    /// <summary>EINTR: a signal came in between.</summary>
    public static OsError Interrupted { get; } = new(4);

    /// <summary>ECHILD: no child to wait for.</summary>
    public static OsError NoChild { get; } = new(10);

    /// <summary>EAGAIN: not now.</summary>
    public static OsError TryAgain { get; } = new(11);

    /// <summary>EACCES: permission denied.</summary>
    public static OsError PermissionDenied { get; } = new(13);

    /// <summary>EEXIST: already there.</summary>
    public static OsError AlreadyExists { get; } = new(17);

    /// <summary>ENODEV: what the file stood for is gone.</summary>
    public static OsError NoDevice { get; } = new(19);

    /// <summary>ESRCH: no such process.</summary>
    public static OsError NoProcess { get; } = new(3);

    /// <summary>ENOTDIR: a part of the path is not a directory.</summary>
    public static OsError NotADirectory { get; } = new(20);

    /// <summary>Whether there was none.</summary>
    public bool IsNone => Number == 0;

    /// <summary>The error of the last call of this thread.</summary>
    internal static OsError Last => new(Marshal.GetLastPInvokeError());

    /// <summary>The system's text, such as <c>no such file or directory</c>, in lower case as runtimes print it.</summary>
    public override string ToString()
    {
        var text = Marshal.GetPInvokeErrorMessage(Number);
        return text.Length == 0 ? $"error {Number}" : char.ToLowerInvariant(text[0]) + text[1..];
    }

    /// <summary>As an exception that names what was tried.</summary>
    public IOException ToException(string tried) => new($"{tried}: {ToString()}", Number);
}
