using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace OrleansBatch.Testing;

/// <summary>Where PostgreSQL's programs are, and as whom they may be started.</summary>
/// <param name="Folder">The folder of <c>postgres</c> and <c>initdb</c>.</param>
/// <param name="Version">The major version.</param>
/// <param name="User">Whom to become, for PostgreSQL refuses to run as root; null: whoever runs this.</param>
internal sealed partial record PostgresBinaries(string Folder, int Version, PosixUser? User)
{
    /// <summary>What the program needs at least.</summary>
    public const int LeastVersion = 15;

    /// <summary>The newest on the path or where Debian has them; null when there is none new enough, or nobody who may run it.</summary>
    public static PostgresBinaries? Find()
    {
        var user = Environment.UserName == "root" ? PosixUser.Find("postgres") ?? PosixUser.Find("nobody") : null;
        if ((Environment.UserName == "root" && user is null) || !IsOnPath("setpriv"))
        {
            return null;
        }

        var debian = Directory.Exists("/usr/lib/postgresql") ? Directory.GetDirectories("/usr/lib/postgresql").Select(folder => Path.Combine(folder, "bin")) : [];
        return debian.Concat(Folders())
            .Where(folder => File.Exists(Path.Combine(folder, "postgres")))
            .Select(folder => Path.GetDirectoryName(File.ResolveLinkTarget(Path.Combine(folder, "postgres"), returnFinalTarget: true)?.FullName) ?? folder)
            .Distinct()
            .Where(folder => File.Exists(Path.Combine(folder, "initdb")))
            .Select(folder => new PostgresBinaries(folder, VersionOf(folder), user))
            .Where(found => found.Version >= LeastVersion)
            .MaxBy(found => found.Version);
    }

    /// <summary>Starts a program as the user that PostgreSQL runs as.</summary>
    public Process Start(string program, params IEnumerable<string> arguments)
    {
        string[] command = User is { } user
            ? ["setpriv", $"--reuid={user.Id}", $"--regid={user.GroupId}", "--clear-groups", "--", program, .. arguments]
            : [program, .. arguments];
        return Process.Start(new ProcessStartInfo(command[0], command[1..])
        {
            WorkingDirectory = "/",
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        })!;
    }

    private static int VersionOf(string folder)
    {
        using var process = Process.Start(new ProcessStartInfo(Path.Combine(folder, "postgres"), ["--version"]) { RedirectStandardOutput = true })!;
        var match = MajorVersion().Match(process.StandardOutput.ReadToEnd());
        process.WaitForExit();
        return match.Success ? int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture) : 0;
    }

    private static bool IsOnPath(string program) => Folders().Any(folder => File.Exists(Path.Combine(folder, program)));

    private static string[] Folders() => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries);

    [GeneratedRegex(@"PostgreSQL\) (\d+)")]
    private static partial Regex MajorVersion();
}

/// <summary>A user of this machine.</summary>
internal sealed record PosixUser(int Id, int GroupId)
{
    /// <summary>By name; null when there is none.</summary>
    public static PosixUser? Find(string name) => File.ReadLines("/etc/passwd")
        .Select(line => line.Split(':'))
        .Where(fields => fields.Length > 3 && fields[0] == name)
        .Select(fields => new PosixUser(int.Parse(fields[2], CultureInfo.InvariantCulture), int.Parse(fields[3], CultureInfo.InvariantCulture)))
        .FirstOrDefault();

    /// <summary>As <c>chown</c> takes it.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Id}:{GroupId}");
}
