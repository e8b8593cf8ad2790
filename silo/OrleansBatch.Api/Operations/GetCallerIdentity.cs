using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using OrleansBatch.Model;

namespace OrleansBatch.Api.Operations;

/// <summary>GetCallerIdentity of STS: a form in, XML out. Needs no grain: whose the account is, the door knows.</summary>
internal sealed class GetCallerIdentity() : Operation(nameof(GetCallerIdentity))
{
    private const string Version = "2011-06-15";
    private const int LongestForm = 64 * 1024;
    private const int MostShown = 100;

    /// <summary>The operation.</summary>
    public static Operation Operation { get; } = new GetCallerIdentity { Dialect = Dialect.Sts, MaxBytes = LongestForm };

    /// <summary>Whether a request is a form, as the SDKs send it to STS.</summary>
    public static bool IsForm(HttpRequest request) =>
        request.ContentType?.StartsWith("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase) == true;

    /// <inheritdoc/>
    public override async Task RunAsync(HttpRequest request, Caller caller, IGrainFactory grains, AnswerBuffer answer)
    {
        var form = await RequestBody.ReadAsync(request, MaxBytes, static bytes => QueryHelpers.ParseQuery(Encoding.UTF8.GetString(bytes)));
        var (action, version) = (form.GetValueOrDefault("Action").ToString(), form.GetValueOrDefault("Version").ToString());
        if (action != nameof(GetCallerIdentity) || version is not ("" or Version))
        {
            throw new StsClientException("InvalidAction", action.Length == 0
                ? "The request names no Action."
                : $"Could not find operation {Shown(action)} for version {(version.Length == 0 ? Version : Shown(version))}.");
        }

        var requestId = request.HttpContext.Response.Headers[Door.RequestIdHeader].ToString();
        answer.Write(Answer(caller.Scope, requestId));
    }

    private static string Answer(Scope scope, string requestId) =>
        $"<GetCallerIdentityResponse xmlns=\"{Dialect.StsNamespace}\"><GetCallerIdentityResult>"
        + $"<Arn>arn:{scope.Partition}:iam::{scope.Account}:root</Arn><UserId>{scope.Account}</UserId><Account>{scope.Account}</Account>"
        + $"</GetCallerIdentityResult><ResponseMetadata><RequestId>{requestId}</RequestId></ResponseMetadata></GetCallerIdentityResponse>";

    private static string Shown(string text) => text.Length <= MostShown ? text : text[..MostShown] + "…";
}

/// <summary>The caller's mistake in a call of STS, which has error codes of its own.</summary>
internal sealed class StsClientException(string code, string message) : BatchClientException(message)
{
    /// <summary>Such as <c>InvalidAction</c>.</summary>
    public string Code { get; } = code;
}
