using System.Globalization;
using OrleansBatch.Core.Names;
using OrleansBatch.Model;

namespace OrleansBatch.Core.JobDefinitions;

/// <summary>A job definition as callers name it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Revision">Which revision; null: the highest active one.</param>
public sealed record DefinitionReference(string Name, int? Revision)
{
    /// <summary>Reads <c>name</c>, <c>name:revision</c> or an ARN with or without revision; null when it names nothing of this scope.</summary>
    public static DefinitionReference? Find(string text, Scope scope)
    {
        var path = text.StartsWith("arn:", StringComparison.Ordinal) ? Arns.FindJobDefinition(text, scope) : text;
        return path?.Split(':') switch
        {
            [var name] when ResourceNames.IsValid(name) => new(name, null),
            [var name, var digits] when ResourceNames.IsValid(name) && RevisionOf(digits) is { } revision => new(name, revision),
            _ => null,
        };
    }

    private static int? RevisionOf(string digits) =>
        int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var revision) && revision > 0 ? revision : null;
}
