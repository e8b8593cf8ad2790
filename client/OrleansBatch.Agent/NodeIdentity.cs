using System.Security.Cryptography;

namespace OrleansBatch.Agent;

/// <summary>The node's id: made at the first start, kept in the data folder.</summary>
internal static class NodeIdentity
{
    private const string FileName = "node-id";
    private const int HexDigits = 17;

    /// <summary>Whether a text is a node id.</summary>
    public static bool IsNodeId(string text) =>
        text.Length == HexDigits + 2 && text.StartsWith("i-", StringComparison.Ordinal) && text[2..].All(char.IsAsciiHexDigitLower);

    /// <summary>Reads it, or makes it.</summary>
    /// <param name="agentDirectory">Where it is kept.</param>
    /// <param name="wanted">What it is to be; null: whatever it is.</param>
    /// <exception cref="IOException">The folder cannot be used, the file holds something else, or another node's id.</exception>
    public static string ReadOrMake(string agentDirectory, string? wanted)
    {
        if (wanted is not null && !IsNodeId(wanted))
        {
            throw new IOException($"'{wanted}' is not a node id such as i-0123456789abcdef0.");
        }

        var path = Path.Combine(agentDirectory, FileName);
        if (File.Exists(path))
        {
            var kept = File.ReadAllText(path).Trim();
            return !IsNodeId(kept) ? throw new IOException($"{path} holds '{kept}', which is not a node id such as i-0123456789abcdef0.")
                : wanted is not null && kept != wanted ? throw new IOException($"The data folder belongs to node {kept} ({path}), not to {wanted}.")
                : kept;
        }

        // Written aside and moved into place: half a node id must never be read.
        var made = wanted ?? "i-" + RandomNumberGenerator.GetHexString(HexDigits, lowercase: true);
        File.WriteAllText(path + ".new", made + "\n");
        File.Move(path + ".new", path, overwrite: true);
        return made;
    }
}
