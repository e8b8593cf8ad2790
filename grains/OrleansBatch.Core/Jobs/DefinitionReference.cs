using System.Globalization;
using OrleansBatch.Core.Names;
using OrleansBatch.Model;

namespace OrleansBatch.Core.Jobs;

/// <summary>Which job definition is meant.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Revision">Its revision; null: the highest active one.</param>
public sealed record DefinitionReference(string Name, int? Revision)
{
    /// <summary>Reads <c>name</c>, <c>name:revision</c> or an ARN with or without revision. Null when it is none of these in this scope.</summary>
    public static DefinitionReference? Find(string text, Scope scope)
    {
        var path = text.StartsWith("arn:", StringComparison.Ordinal) ? Arns.FindJobDefinition(text, scope) : text;
        if (path is null)
        {
            return null;
        }

        var colon = path.IndexOf(':', StringComparison.Ordinal);
        var name = colon < 0 ? path : path[..colon];
        if (!ResourceNames.IsValid(name))
        {
            return null;
        }

        if (colon < 0)
        {
            return new(name, null);
        }

        return int.TryParse(path.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var revision) && revision >= 1
            ? new(name, revision)
            : null;
    }
}
