using System.Globalization;
using OrleansBatch.Chaos.Network;

namespace OrleansBatch.Chaos.Machine;

/// <summary>The folder of a run. It says whose it is, so that the next run can clear what a dead one left: processes, network, files.</summary>
internal sealed class RunFolder : IAsyncDisposable
{
    private const string Prefix = "orleansbatch-chaos-";
    private const string OwnerFile = "owner";

    private RunFolder(string path, string name) => (FullPath, Name) = (path, name);

    /// <summary>Where it is.</summary>
    public string FullPath { get; }

    /// <summary>Six letters, unique among the runs of this machine: part of all names that others can see.</summary>
    public string Name { get; }

    /// <summary>Whether it stays when the run ends.</summary>
    public bool IsKept { get; set; }

    /// <summary>Clears what dead runs left, and makes the folder of a new one.</summary>
    public static async Task<RunFolder> CreateAsync()
    {
        var temporary = Path.GetTempPath();
        foreach (var old in Directory.GetDirectories(temporary, Prefix + "*").Where(old => !IsOwned(old) && !File.Exists(Path.Combine(old, "kept"))))
        {
            await ClearAsync(old);
        }

        var folder = Directory.CreateTempSubdirectory(Prefix).FullName;
        // PostgreSQL runs as another user.
        if (OperatingSystem.IsLinux())
        {
            File.SetUnixFileMode(folder, (UnixFileMode)0b111_101_101);
        }

        var name = Path.GetFileName(folder)[Prefix.Length..];
        await File.WriteAllTextAsync(Path.Combine(folder, OwnerFile), $"{Environment.ProcessId} {Proc.Look(Environment.ProcessId)!.Value.Start}");
        return new(folder, name);
    }

    /// <summary>Ends what runs in a folder and removes it, with its network.</summary>
    public static async Task ClearAsync(string folder)
    {
        await EndAsync(folder);
        await Hub.RemoveAsync(Path.GetFileName(folder)[Prefix.Length..]);
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // Somebody else has cleared it.
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (IsKept)
        {
            await File.WriteAllTextAsync(Path.Combine(FullPath, "kept"), "");
            await EndAsync(FullPath);
            await Hub.RemoveAsync(Name);
        }
        else
        {
            await ClearAsync(FullPath);
        }
    }

    private static async Task EndAsync(string folder)
    {
        for (var round = 0; Proc.Of(folder) is { Count: > 0 } alive && round < 100; round++)
        {
            foreach (var pid in alive)
            {
                _ = Proc.Signal(pid, Proc.Kill);
            }

            await Task.Delay(50);
        }
    }

    private static bool IsOwned(string folder)
    {
        try
        {
            var words = File.ReadAllText(Path.Combine(folder, OwnerFile)).Split(' ');
            return Proc.IsAlive(int.Parse(words[0], CultureInfo.InvariantCulture), long.Parse(words[1], CultureInfo.InvariantCulture));
        }
        catch (Exception exception) when (exception is IOException or FormatException or IndexOutOfRangeException)
        {
            // Another run may be making it just now.
            return DateTime.UtcNow - Directory.GetCreationTimeUtc(folder) < TimeSpan.FromMinutes(1);
        }
    }
}
