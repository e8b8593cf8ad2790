using Microsoft.AspNetCore.Http;
using OrleansBatch.Api.Operations;
using OrleansBatch.Model;

namespace OrleansBatch.Api;

/// <summary>An error as the wire knows it.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Type">The error's name.</param>
/// <param name="Message">What is wrong.</param>
/// <param name="IsOurs">Whether it is no mistake of the caller's.</param>
internal sealed record Fault(int Status, string Type, string Message, bool IsOurs = false)
{
    private const int MostCharacters = 2_000;
    private const int KeptAtEnd = 500;

    /// <summary>The one place where exceptions become errors.</summary>
    /// <param name="failure">What was thrown.</param>
    /// <param name="dialect">How the service names errors.</param>
    /// <param name="requestId">Named in wrapped texts.</param>
    public static Fault Of(Exception failure, Dialect dialect, string requestId)
    {
        var fault = Whole(failure, dialect, requestId);
        return fault.Message.Length <= MostCharacters ? fault : fault with { Message = Cut(fault.Message) };
    }

    // Messages name the value that is wrong, and a value may be as long as a request. Clients look for words at the end too.
    private static string Cut(string message)
    {
        var (head, tail) = (MostCharacters - KeptAtEnd, message.Length - KeptAtEnd);
        head -= char.IsHighSurrogate(message[head - 1]) ? 1 : 0;
        tail += char.IsLowSurrogate(message[tail]) ? 1 : 0;
        return $"{message.AsSpan(0, head)}…{message.AsSpan(tail)}";
    }

    private static Fault Whole(Exception failure, Dialect dialect, string requestId) => failure switch
    {
        StsClientException mistake => new(StatusCodes.Status400BadRequest, mistake.Code, mistake.Message),
        LogsClientException mistake => new(StatusCodes.Status400BadRequest, mistake.Code, mistake.Message),
        RefusedException mistake => new(mistake.Status, dialect.ClientFault, mistake.Message),
        ValidationException mistake => new(
            StatusCodes.Status400BadRequest,
            dialect.ClientFault,
            $"Error executing request, Exception : {mistake.Message}, RequestId: {requestId}"),
        BatchClientException mistake => new(StatusCodes.Status400BadRequest, dialect.ClientFault, mistake.Message),
        // Whatever else it was, time-outs and silos that are gone included: clients may send the call again.
        _ => new(
            StatusCodes.Status500InternalServerError,
            dialect.ServerFault,
            $"The request failed on our side and can be sent again. RequestId: {requestId}",
            IsOurs: true),
    };
}
