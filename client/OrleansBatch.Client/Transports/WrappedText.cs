using OrleansBatch.Model;

namespace OrleansBatch.Client.Transports;

/// <summary>Some messages come over the wire inside a sentence, as AWS sends them; over a gateway they come bare.</summary>
internal static class WrappedText
{
    private const string Before = "Error executing request, Exception : ";
    private const string After = ", RequestId: ";

    /// <summary>The refusal that a message tells of, as it was thrown.</summary>
    public static BatchClientException Unwrap(string message) =>
        message.StartsWith(Before, StringComparison.Ordinal) && message.LastIndexOf(After, StringComparison.Ordinal) is >= 0 and var end
            ? new ValidationException(message[Before.Length..end])
            : new BatchClientException(message);
}
