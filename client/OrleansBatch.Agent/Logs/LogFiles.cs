using System.Security.Cryptography;
using System.Text;
using OrleansBatch.Model.Nodes;

namespace OrleansBatch.Agent.Logs;

/// <summary>Where each log lies: a function of its place alone, so that everyone finds it without asking.</summary>
/// <remarks>
/// <c>account/region/group/stream.log</c>; slashes in a stream make directories, slashes in a group become <c>+</c>. A dot
/// comes only before <c>log</c>, so that a name can neither climb nor collide with the file of another stream.
/// </remarks>
internal sealed class LogFiles(string root)
{
    // File systems take 255 bytes per name and 4,096 per path.
    private const int LongestName = 160;
    private const int LongestStream = 1_000;
    private const int HashDigits = 32;
    private const int MostDirectories = 12;

    /// <summary>The log's absolute path.</summary>
    public string PathOf(LogLocation log)
    {
        var path = new StringBuilder(root)
            .Append('/').Append(Name(log.Scope.Account, '%'))
            .Append('/').Append(Name(log.Scope.Region, '%'))
            .Append('/').Append(Name(log.Group, '+'))
            .Append('/');
        var parts = log.Stream.Split('/');
        if (parts.Length > MostDirectories || log.Stream.Length > LongestStream)
        {
            path.Append('~').Append(Hash(log.Stream));
        }
        else
        {
            path.AppendJoin('/', parts.Select(part => Name(part, '%')));
        }

        return path.Append(".log").ToString();
    }

    private static string Name(string text, char slash)
    {
        if (text.Length == 0)
        {
            return "%";
        }

        var name = new StringBuilder(text.Length);
        foreach (var unit in Encoding.UTF8.GetBytes(text))
        {
            var character = (char)unit;
            if (char.IsAsciiLetterOrDigit(character) || character is '-' or '_')
            {
                name.Append(character);
            }
            else if (character == '/' && slash == '+')
            {
                name.Append('+');
            }
            else
            {
                name.Append('%').Append(unit.ToString("X2", System.Globalization.CultureInfo.InvariantCulture));
            }
        }

        return name.Length <= LongestName ? name.ToString() : $"{name.ToString(0, LongestName - HashDigits)}~{Hash(text)}";
    }

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..HashDigits];
}
