using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using OrleansBatch.Testing;

namespace OrleansBatch.Chaos.Tests;

/// <summary>The bugs that the chaos run must find are in no release, and all of them are in the page that lists them.</summary>
public sealed partial class PlantedBugsTests
{
    private static readonly string Root = Path.GetFullPath(
        typeof(PlantedBugsTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == "Root").Value!);

    [Fact]
    public void No_program_that_is_released_has_a_planted_bug()
    {
        Assert.SkipWhen(SiloProcess.ProgramPath.Contains("/Planted/", StringComparison.Ordinal), "This is the build with the bugs.");
        var programs = Directory.GetFiles(Path.GetDirectoryName(SiloProcess.ProgramPath)!, "*.dll", SearchOption.AllDirectories)
            .Where(path => Path.GetFileName(path).StartsWith("OrleansBatch", StringComparison.OrdinalIgnoreCase)).ToList();
        Assert.Contains(programs, path => path.EndsWith("OrleansBatch.Supervisor.dll", StringComparison.Ordinal));
        Assert.True(programs.Count >= 8, string.Join(", ", programs));
        Assert.All(programs, path =>
        {
            var bytes = File.ReadAllBytes(path);
            Assert.Equal(-1, bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes("PlantedBugs")));
            Assert.Equal(-1, bytes.AsSpan().IndexOf(Encoding.Unicode.GetBytes("ORLEANSBATCH_PLANTED_BUG")));
        });
    }

    [Fact]
    public void The_page_lists_the_bugs_that_there_are()
    {
        var planted = new[] { "client", "grains", "silo" }
            .SelectMany(room => Directory.EnumerateFiles(Path.Combine(Root, room), "*.cs", SearchOption.AllDirectories))
            .Where(path => !path.Contains("/obj/", StringComparison.Ordinal))
            .SelectMany(path => Asked().Matches(File.ReadAllText(path)).Select(match => match.Groups[1].Value));
        var listed = File.ReadLines(Path.Combine(Root, "tests", "OrleansBatch.Chaos", "README.md")).Select(line => Listed().Match(line)).Where(match => match.Success)
            .Select(match => match.Groups[1].Value);
        Assert.Equal(listed.Order(StringComparer.Ordinal), planted.Distinct().Order(StringComparer.Ordinal));
    }

    [GeneratedRegex("Planted\\.Is\\(\"([a-z-]+)\"\\)")]
    private static partial Regex Asked();

    [GeneratedRegex("^\\| `([a-z-]+)` \\|")]
    private static partial Regex Listed();
}
