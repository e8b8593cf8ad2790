using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using OrleansBatch.Client.Output;

namespace OrleansBatch.Client.Requests;

/// <summary>A whole request as JSON, in AWS's own form, from a file or standard input.</summary>
internal static class RequestFile
{
    /// <summary>Reads it; an empty request when no file is named.</summary>
    /// <param name="file">Its path, <c>-</c> for standard input; null: none.</param>
    /// <param name="type">What it holds; asked for only when it is read, for to know all of a request's members takes longer than to send it.</param>
    /// <param name="terminal">Standard input.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="UsageException">It is no such JSON.</exception>
    public static async Task<T> ReadAsync<T>(string? file, Func<JsonTypeInfo<T>> type, Terminal terminal, CancellationToken cancellationToken)
        where T : new()
    {
        if (file is null)
        {
            return new();
        }

        var text = file == "-" ? await terminal.In.ReadToEndAsync(cancellationToken) : await File.ReadAllTextAsync(file, Encoding.UTF8, cancellationToken);
        try
        {
            return JsonSerializer.Deserialize(text, type()) ?? throw new JsonException();
        }
        catch (JsonException fault)
        {
            var place = fault.Path is { Length: > 1 } path ? $" at {path}" : string.Empty;
            throw new UsageException($"{(file == "-" ? "Standard input" : file)} does not hold the JSON of such a request{place}.");
        }
    }
}
