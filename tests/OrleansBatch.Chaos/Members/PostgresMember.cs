using System.Globalization;
using System.Net.Sockets;
using OrleansBatch.Chaos.Machine;

namespace OrleansBatch.Chaos.Members;

/// <summary>PostgreSQL as a member of the run, in its own namespace where there are any.</summary>
internal static class PostgresMember
{
    public const string Name = "database";

    /// <summary>Why there can be none; null: there can.</summary>
    public static string? WhyNot => FindPrograms() is null ? "PostgreSQL 15 or newer is not installed (Debian: apt-get install postgresql)" : null;

    /// <summary>Makes its files; it does not run yet.</summary>
    public static async Task<ChildProgram> MakeAsync(Spawner spawner, string folder, string address, int port, IEnumerable<string> enter)
    {
        var programs = FindPrograms() ?? throw new NotSupportedException(WhyNot);
        var home = Path.Combine(folder, Name);
        _ = Directory.CreateDirectory(home);
        string[] asUser = [];
        if (Environment.UserName == "root")
        {
            // It refuses to run as root.
            var (user, group) = FindUser();
            asUser = ["setpriv", $"--reuid={user}", $"--regid={group}", "--clear-groups", "--pdeathsig", "KILL", "--"];
            await Tool.RunAsync("chown", $"{user}:{group}", home);
        }

        string[] make = [.. asUser, Path.Combine(programs, "initdb"), "-D", Path.Combine(home, "data"), "-U", "postgres", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C"];
        await Tool.RunAsync(make[0], make[1..]);
        await File.AppendAllTextAsync(Path.Combine(home, "data", "pg_hba.conf"), "host all all 0.0.0.0/0 trust\n");
        var log = Path.Combine(home, "log");
        return new(
            spawner, Name, log, new Dictionary<string, string>(),
            [
                .. enter, .. asUser, Path.Combine(programs, "postgres"), "-D", Path.Combine(home, "data"), "-p", port.ToString(CultureInfo.InvariantCulture),
                "-c", $"listen_addresses={address}", "-c", "unix_socket_directories=", "-c", "max_connections=300", "-c", "fsync=on",
            ],
            () => IsUpAsync(address, port, log))
        {
            // A fast shutdown, as its service units do: SIGTERM lets it wait until the last client has gone by itself.
            StopSignal = Proc.Interrupt,
        };
    }

    /// <summary>How silos reach it.</summary>
    public static string ConnectionString(string address, int port) =>
        string.Create(CultureInfo.InvariantCulture, $"Host={address};Port={port};Username=postgres;Database=postgres;Timeout=5;Command Timeout=10");

    private static async Task<bool> IsUpAsync(string address, int port, string log)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(address, port).WaitAsync(TimeSpan.FromSeconds(1));
            // It listens before it has recovered: the last word of its log says which. What it says to those who came too early may be written later.
            return File.ReadLines(log).LastOrDefault(line => line.Contains("LOG:  database system", StringComparison.Ordinal))
                ?.Contains("ready to accept connections", StringComparison.Ordinal) == true;
        }
        catch (Exception exception) when (exception is SocketException or TimeoutException)
        {
            return false;
        }
    }

    private static string? FindPrograms() => (Directory.Exists("/usr/lib/postgresql") ? Directory.GetDirectories("/usr/lib/postgresql") : [])
        .Where(folder => int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var version) && version >= 15)
        .Select(folder => Path.Combine(folder, "bin"))
        .Concat((Environment.GetEnvironmentVariable("PATH") ?? "").Split(':'))
        .FirstOrDefault(folder => File.Exists(Path.Combine(folder, "postgres")) && File.Exists(Path.Combine(folder, "initdb")));

    private static (string User, string Group) FindUser()
    {
        var users = File.ReadLines("/etc/passwd").Select(line => line.Split(':')).Where(fields => fields.Length > 3).ToList();
        var found = users.Find(fields => fields[0] == "postgres") ?? users.First(fields => fields[0] == "nobody");
        return (found[2], found[3]);
    }
}
