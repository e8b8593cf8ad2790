using System.Runtime.InteropServices;
using System.Text;

namespace OrleansBatch.Processes;

/// <summary>Starts programs with <c>posix_spawn</c>: own session and process group, clean signals, output straight into a file.</summary>
/// <remarks>
/// Not safe for use by two threads: each starting thread has its own, and with it the memory that it builds arguments in.
/// The call returns when the new program is loaded, and blocks its thread, not the process, until then.
/// </remarks>
public sealed unsafe class ProcessLauncher : IDisposable
{
    // Larger than glibc's 336, 80 and 128 bytes on any architecture.
    private const int AttributesSize = 512;
    private const int ActionsSize = 256;
    private const int SignalsSize = 256;

    private const short SetSignalDefaults = 0x04;
    private const short SetSignalMask = 0x08;
    private const short SetSession = 0x80;
    private const short SetCgroup = 0x100;
    private const short AlwaysSet = SetSignalDefaults | SetSignalMask | SetSession;

    private readonly byte* _attributes;
    private readonly byte* _devNull;
    private byte* _arena;
    private nuint _arenaSize;

    /// <summary>Whether the C library can start a process inside a control group (v2): glibc 2.39 or later.</summary>
    public static bool CanStartInCgroup { get; } =
        NativeLibrary.TryLoad("libc.so.6", out var library) && NativeLibrary.TryGetExport(library, "posix_spawnattr_setcgroup_np", out _);

    /// <summary>Prepares what all its starts share.</summary>
    public ProcessLauncher()
    {
        _attributes = (byte*)NativeMemory.AllocZeroed(AttributesSize);
        var signals = stackalloc byte[SignalsSize];
        _ = Libc.SpawnAttributesInitialize(_attributes);
        _ = Libc.SpawnAttributesSetFlags(_attributes, AlwaysSet);

        // The runtime ignores SIGPIPE and may block others; a job must find all as a login shell would give them.
        _ = Libc.EmptySignals(signals);
        _ = Libc.SpawnAttributesSetSignalMask(_attributes, signals);
        _ = Libc.AllSignals(signals);
        _ = Libc.SpawnAttributesSetSignalDefaults(_attributes, signals);
        _devNull = (byte*)Marshal.StringToCoTaskMemUTF8("/dev/null");
    }

    /// <summary>Starts one program.</summary>
    /// <param name="start">What to start; its texts must hold no NUL character.</param>
    /// <param name="pid">Its process, group and session id.</param>
    /// <returns>No error, or why it could not be started: of loading the program, of its directory, or of its output file.</returns>
    public OsError Start(ProcessStart start, out int pid)
    {
        var arguments = start.Arguments;
        var environment = start.Environment;
        var texts = Measure(arguments) + Measure(environment) + Size(start.Path) + Size(start.OutputPath) + Size(start.WorkingDirectory);
        var pointers = (nuint)((arguments.Count + environment.Count + 2) * sizeof(byte*));
        Reserve(pointers + texts);

        var argumentPointers = (byte**)_arena;
        var environmentPointers = argumentPointers + arguments.Count + 1;
        var free = _arena + pointers;
        Write(arguments, argumentPointers, ref free);
        Write(environment, environmentPointers, ref free);
        var path = Write(start.Path, ref free);
        var output = Write(start.OutputPath, ref free);
        var directory = Write(start.WorkingDirectory, ref free);

        var actions = stackalloc byte[ActionsSize];
        _ = Libc.FileActionsInitialize(actions);
        if (start.Cgroup is { } cgroup)
        {
            _ = Libc.SpawnAttributesSetFlags(_attributes, AlwaysSet | SetCgroup);
            _ = Libc.SpawnAttributesSetCgroup(_attributes, cgroup);
        }

        try
        {
            AddDescriptors(actions, output, start.Inherited);
            _ = Libc.FileActionsChangeDirectory(actions, directory);
            int started;
            var error = Libc.PosixSpawn(&started, path, actions, _attributes, argumentPointers, environmentPointers);
            pid = error == 0 ? started : 0;
            return new OsError(error);
        }
        finally
        {
            _ = Libc.FileActionsDestroy(actions);
            if (start.Cgroup is not null)
            {
                _ = Libc.SpawnAttributesSetFlags(_attributes, AlwaysSet);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        NativeMemory.Free(_attributes);
        NativeMemory.Free(_arena);
        Marshal.FreeCoTaskMem((nint)_devNull);
        _arena = null;
    }

    private void AddDescriptors(byte* actions, byte* output, IReadOnlyList<int> inherited)
    {
        _ = Libc.FileActionsOpen(actions, 0, _devNull, Libc.OpenReadOnly, 0);
        _ = Libc.FileActionsOpen(actions, 1, output, Libc.OpenWriteOnly | Libc.OpenCreate | Libc.OpenAppend, 0b110_100_100);
        _ = Libc.FileActionsDuplicate(actions, 1, 2);
        for (var i = 0; i < inherited.Count; i++)
        {
            _ = Libc.FileActionsDuplicate(actions, inherited[i], 3 + i);
        }

        _ = Libc.FileActionsCloseFrom(actions, 3 + inherited.Count);
    }

    private void Reserve(nuint size)
    {
        if (size > _arenaSize)
        {
            _arenaSize = Math.Max(size, 16 * 1024);
            NativeMemory.Free(_arena);
            _arena = null;
            _arena = (byte*)NativeMemory.Alloc(_arenaSize);
        }
    }

    private static nuint Size(string text) => (nuint)Encoding.UTF8.GetByteCount(text) + 1;

    private static nuint Measure(IReadOnlyList<string> texts)
    {
        nuint size = 0;
        for (var i = 0; i < texts.Count; i++)
        {
            size += Size(texts[i]);
        }

        return size;
    }

    private static byte* Write(string text, ref byte* free)
    {
        var begin = free;
        var written = Encoding.UTF8.GetBytes(text, new Span<byte>(free, (int)Size(text)));
        free[written] = 0;
        free += written + 1;
        return begin;
    }

    private static void Write(IReadOnlyList<string> texts, byte** pointers, ref byte* free)
    {
        for (var i = 0; i < texts.Count; i++)
        {
            pointers[i] = Write(texts[i], ref free);
        }

        pointers[texts.Count] = null;
    }
}
