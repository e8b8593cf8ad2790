using System.Text;
using OrleansBatch.Model;

namespace OrleansBatch.Api;

/// <summary>How a service names its errors and its content.</summary>
/// <param name="ContentType">Of every answer.</param>
/// <param name="ClientFault">The caller's mistake: HTTP 400.</param>
/// <param name="ServerFault">Our failure: HTTP 500, and SDKs send the call again.</param>
/// <param name="IsXml">Whether it speaks XML; else JSON.</param>
internal sealed record Dialect(string ContentType, string ClientFault, string ServerFault, bool IsXml = false)
{
    /// <summary>Says that no operation is meant.</summary>
    public const string UnknownOperation = "UnknownOperationException";

    /// <summary>The XML namespace of STS.</summary>
    public const string StsNamespace = "https://sts.amazonaws.com/doc/2011-06-15/";

    /// <summary>AWS Batch.</summary>
    public static Dialect Batch { get; } = new("application/json", "ClientException", "ServerException");

    /// <summary>CloudWatch Logs.</summary>
    public static Dialect Logs { get; } = new("application/x-amz-json-1.1", "InvalidParameterException", "ServiceUnavailableException");

    /// <summary>STS.</summary>
    public static Dialect Sts { get; } = new("text/xml", "ValidationError", "InternalFailure", IsXml: true);

    /// <summary>Writes an error.</summary>
    public void WriteError(AnswerBuffer answer, int status, string type, string message, string requestId)
    {
        if (!IsXml)
        {
            answer.Write(new(type, message), BatchJson.Default.ErrorBody);
            return;
        }

        var whose = status >= 500 ? "Receiver" : "Sender";
        answer.Write(
            $"<ErrorResponse xmlns=\"{StsNamespace}\"><Error><Type>{whose}</Type><Code>{type}</Code><Message>{Text(message)}</Message></Error>"
            + $"<RequestId>{requestId}</RequestId></ErrorResponse>");
    }

    /// <summary>Text as XML 1.0 can hold it: markup is escaped, and what XML has no characters for is replaced.</summary>
    private static string Text(string text)
    {
        var safe = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            _ = rune.Value switch
            {
                '<' => safe.Append("&lt;"),
                '>' => safe.Append("&gt;"),
                '&' => safe.Append("&amp;"),
                (< ' ' and not ('\t' or '\n' or '\r')) or 0xFFFE or 0xFFFF => safe.Append('\uFFFD'),
                _ => safe.Append(rune.ToString()),
            };
        }

        return safe.ToString();
    }
}
