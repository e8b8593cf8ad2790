using System.Security.Cryptography;

namespace OrleansBatch.Agent;

/// <summary>The node's id: made at the first start, kept in the data folder.</summary>
internal static class NodeIdentity
{
    private const string FileName = "node-id";
    private const int HexDigits = 17;

    /// <summary>Reads it, or makes it.</summary>
    /// <exception cref="IOException">The folder cannot be used, or the file holds something else.</exception>
    public static string ReadOrMake(string agentDirectory)
    {
        var path = Path.Combine(agentDirectory, FileName);
        if (File.Exists(path))
        {
            var kept = File.ReadAllText(path).Trim();
            return kept.Length == HexDigits + 2 && kept.StartsWith("i-", StringComparison.Ordinal) && kept[2..].All(char.IsAsciiHexDigitLower)
                ? kept
                : throw new IOException($"{path} holds '{kept}', which is not a node id such as i-0123456789abcdef0.");
        }

        // Written aside and moved into place: half a node id must never be read.
        var made = "i-" + RandomNumberGenerator.GetHexString(HexDigits, lowercase: true);
        File.WriteAllText(path + ".new", made + "\n");
        File.Move(path + ".new", path, overwrite: true);
        return made;
    }
}
