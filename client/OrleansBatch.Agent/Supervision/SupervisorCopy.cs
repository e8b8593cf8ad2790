using System.Security.Cryptography;

namespace OrleansBatch.Agent.Supervision;

/// <summary>The supervisor's own copy of its binaries: it outlives the build that it came from.</summary>
/// <remarks>A rebuild overwrites files that a running program still reads from, and crashes it.</remarks>
internal static class SupervisorCopy
{
    private const string Prefix = "supervisor-";

    /// <summary>Copies the program, unless this very content has been copied before.</summary>
    /// <returns>The path of the copy's program.</returns>
    /// <exception cref="IOException">It is not there, or cannot be copied.</exception>
    public static string Make(string supervisorPath, string agentDirectory)
    {
        var files = FilesOf(supervisorPath);
        var home = Path.Combine(agentDirectory, Prefix + Hash(files));
        if (!Directory.Exists(home))
        {
            var fresh = home + ".new";
            if (Directory.Exists(fresh))
            {
                Directory.Delete(fresh, recursive: true);
            }

            Directory.CreateDirectory(fresh);
            foreach (var file in files)
            {
                File.Copy(file, Path.Combine(fresh, Path.GetFileName(file)));
            }

            Directory.Move(fresh, home);
        }

        return Path.Combine(home, Path.GetFileName(supervisorPath));
    }

    /// <summary>Removes the copies of other versions. Only for who holds the lock, so that none of them runs.</summary>
    public static void RemoveOthers(string agentDirectory, string program)
    {
        var home = Path.GetDirectoryName(program);
        foreach (var directory in Directory.GetDirectories(agentDirectory, Prefix + "*"))
        {
            if (directory != home)
            {
                Directory.Delete(directory, recursive: true);
            }
        }
    }

    private static List<string> FilesOf(string supervisorPath)
    {
        if (!File.Exists(supervisorPath))
        {
            throw new FileNotFoundException($"The supervisor is not at {supervisorPath}.", supervisorPath);
        }

        var directory = Path.GetDirectoryName(Path.GetFullPath(supervisorPath))!;
        var name = Path.GetFileNameWithoutExtension(supervisorPath);
        string[] wanted = [Path.GetFileName(supervisorPath), $"{name}.dll", $"{name}.deps.json", $"{name}.runtimeconfig.json", "OrleansBatch.Processes.dll"];
        return [.. wanted.Distinct().Select(file => Path.Combine(directory, file)).Where(File.Exists)];
    }

    private static string Hash(List<string> files)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in files)
        {
            hash.AppendData(System.Text.Encoding.UTF8.GetBytes(Path.GetFileName(file)));
            hash.AppendData(File.ReadAllBytes(file));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
    }
}
