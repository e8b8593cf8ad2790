using System.Globalization;

namespace OrleansBatch.Supervisor;

/// <summary>The supervisor's few words, to stderr: a file in the agent's directory. Rare things only.</summary>
internal static class SupervisorLog
{
    public static void Write(string text) =>
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{TimeProvider.System.GetUtcNow():O} {text}"));
}
