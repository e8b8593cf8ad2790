using OrleansBatch.Core.Events;
using OrleansBatch.Core.Names;
using OrleansBatch.Model;
using OrleansBatch.Model.Webhooks;

namespace OrleansBatch.Core.Webhooks;

/// <summary>What a webhook may be.</summary>
public static class WebhookRules
{
    private const int LongestUrl = 2_048;
    private const int MostRetries = 185;
    private const int DefaultRetries = 10;
    private const int MostLetters = 100;

    /// <summary>The webhook that a request creates.</summary>
    /// <param name="request">The request.</param>
    /// <param name="scope">Whose.</param>
    /// <param name="id">One that no webhook has had.</param>
    /// <param name="start">Events from here on.</param>
    /// <exception cref="BatchClientException">A value that is not allowed.</exception>
    public static WebhookConfiguration Create(WebhookRequest request, Scope scope, string id, EventPosition start) => Update(
        new()
        {
            Name = new(scope, NameOf(request.Name)),
            Id = id,
            Url = "",
            IsEnabled = true,
            MaximumRetryAttempts = DefaultRetries,
            Start = start.ToString(),
        },
        request with { Url = request.Url ?? "" });

    /// <summary>The webhook after a change.</summary>
    /// <exception cref="BatchClientException">A value that is not allowed.</exception>
    public static WebhookConfiguration Update(WebhookConfiguration webhook, WebhookRequest request)
    {
        _ = EventFilter.Read(request.DetailTypes, request.Statuses, request.JobQueues, webhook.Name.Scope);
        if (request.MaximumRetryAttempts is < 0 or > MostRetries)
        {
            throw new BatchClientException($"maximumRetryAttempts must be between 0 and {MostRetries}, got {request.MaximumRetryAttempts}.");
        }

        if (request.State is not (null or "ENABLED" or "DISABLED"))
        {
            throw new BatchClientException($"state must be ENABLED or DISABLED, got '{request.State}'.");
        }

        if (request.Secret is { Length: > 0 } secret && !WebhookSignature.IsSecret(secret))
        {
            throw new BatchClientException("secret must have 16 to 256 characters and, when it begins with whsec_, go on with base64 of 16 to 64 bytes.");
        }

        return webhook with
        {
            Url = request.Url is null ? webhook.Url : CheckUrl(request.Url),
            DetailTypes = request.DetailTypes ?? webhook.DetailTypes,
            Statuses = request.Statuses ?? webhook.Statuses,
            JobQueues = request.JobQueues ?? webhook.JobQueues,
            Secret = request.Secret switch { null => webhook.Secret, "" => null, var given => given },
            IsEnabled = request.State is null ? webhook.IsEnabled : request.State == "ENABLED",
            MaximumRetryAttempts = request.MaximumRetryAttempts ?? webhook.MaximumRetryAttempts,
        };
    }

    /// <summary>The name in a request.</summary>
    /// <exception cref="BatchClientException">It is none.</exception>
    public static string NameOf(string? name) => ResourceNames.IsValid(name)
        ? name!
        : throw new BatchClientException($"name must have 1 to 128 letters, digits, '-' or '_', got '{name}'.");

    /// <summary>Says that there is none.</summary>
    public static BatchClientException DoesNotExist(string name) => new($"Webhook {name} does not exist");

    /// <summary>Which events it gets.</summary>
    public static EventFilter FilterOf(WebhookConfiguration webhook) =>
        EventFilter.Read(webhook.DetailTypes, webhook.Statuses, webhook.JobQueues, webhook.Name.Scope);

    /// <summary>The positions of the dead letters that a request names; null: it names none.</summary>
    /// <exception cref="BatchClientException">One is no cursor, or there are too many.</exception>
    public static IReadOnlyList<EventPosition>? LettersOf(RedriveRequest request) => request.Cursors?.Count > MostLetters
        ? throw new BatchClientException($"cursors: at most {MostLetters}, got {request.Cursors.Count}.")
        : request.Cursors?.Select(CursorOf).ToList();

    /// <summary>Reads a cursor.</summary>
    /// <exception cref="BatchClientException">It is none.</exception>
    public static EventPosition CursorOf(string text) =>
        EventPosition.Parse(text) ?? throw new BatchClientException($"'{text}' is no cursor of an earlier answer.");

    /// <summary>A webhook as it is described.</summary>
    public static WebhookDetail Describe(WebhookConfiguration webhook, EventPosition? cursor, string? lastFailure) => new()
    {
        Name = webhook.Name.Name,
        Url = webhook.Url,
        DetailTypes = webhook.DetailTypes,
        Statuses = webhook.Statuses,
        JobQueues = webhook.JobQueues,
        HasSecret = webhook.Secret is not null,
        State = webhook.IsEnabled ? "ENABLED" : "DISABLED",
        MaximumRetryAttempts = webhook.MaximumRetryAttempts,
        Cursor = cursor?.ToString() ?? webhook.Start,
        LastFailure = lastFailure,
    };

    private static string CheckUrl(string url)
    {
        if (url.Length <= LongestUrl
            && Uri.TryCreate(url, UriKind.Absolute, out var uri)
            && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps)
            && uri is { UserInfo: "", Fragment: "" })
        {
            return url;
        }

        throw new BatchClientException(
            $"url must be an absolute http or https address of at most {LongestUrl} characters, without user and fragment, got '{url}'.");
    }
}
