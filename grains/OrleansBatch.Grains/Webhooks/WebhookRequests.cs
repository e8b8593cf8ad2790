using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using OrleansBatch.Core.Events;
using OrleansBatch.Core.Webhooks;
using OrleansBatch.Model;
using OrleansBatch.Model.Webhooks;
using Polly;
using Polly.Retry;

namespace OrleansBatch.Grains.Webhooks;

/// <summary>Sends a webhook's events, each until it is taken or its retries are used up.</summary>
[SuppressMessage("Reliability", "CA1001", Justification = "The semaphore holds nothing to dispose of; requests that end late still release it.")]
internal sealed class WebhookRequests(WebhookConfiguration webhook, IWebhookSender sender, TimeProvider time)
{
    /// <summary>Requests under way at most.</summary>
    private const int MostAtOnce = 16;

    private const int LongestReason = 500;

    private static readonly TimeSpan FirstDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim _free = new(MostAtOnce);
    private readonly ResiliencePipeline<WebhookFailure?> _retries = Retries(webhook.MaximumRetryAttempts, time);
    private readonly Uri _url = new(webhook.Url);

    /// <summary>Why the last request that failed did.</summary>
    public string? LastFailure { get; private set; }

    /// <summary>Sends an event, again and again if need be.</summary>
    /// <returns>Null when it was taken.</returns>
    public async Task<GivenUp?> SendAsync(RecordedEvent recorded, CancellationToken cancellationToken)
    {
        var attempts = 0;
        var failure = await _retries.ExecuteAsync(
            async cancelled =>
            {
                attempts++;
                return await SendOnceAsync(recorded, cancelled);
            },
            cancellationToken);
        return failure is null ? null : new(attempts, failure.Reason);
    }

    /// <summary>Sends an event once.</summary>
    public async Task<WebhookFailure?> SendOnceAsync(RecordedEvent recorded, CancellationToken cancellationToken)
    {
        await _free.WaitAsync(cancellationToken);
        WebhookFailure? failure;
        try
        {
            failure = await sender.SendAsync(Message(recorded), cancellationToken);
        }
        finally
        {
            _free.Release();
        }

        if (failure is not null)
        {
            failure = failure with { Reason = failure.Reason.Length > LongestReason ? failure.Reason[..LongestReason] : failure.Reason };
            LastFailure = failure.Reason;
        }

        return failure;
    }

    private WebhookMessage Message(RecordedEvent recorded)
    {
        var envelope = EventEnvelopes.Of(recorded);
        var body = JsonSerializer.SerializeToUtf8Bytes(envelope, BatchJson.Default.BatchEvent);
        var timestamp = time.GetUtcNow().ToUnixTimeSeconds();
        List<KeyValuePair<string, string>> headers =
        [
            new("webhook-id", envelope.Id),
            new("webhook-timestamp", timestamp.ToString(CultureInfo.InvariantCulture)),
            new("x-orleansbatch-job-id", recorded.Job.JobId),
            new("x-orleansbatch-sequence-number", recorded.Number.ToString(CultureInfo.InvariantCulture)),
        ];
        if (webhook.Secret is { } secret)
        {
            headers.Add(new("webhook-signature", WebhookSignature.Sign(secret, envelope.Id, timestamp, body)));
        }

        return new(_url, headers, body);
    }

    private static ResiliencePipeline<WebhookFailure?> Retries(int most, TimeProvider time)
    {
        var builder = new ResiliencePipelineBuilder<WebhookFailure?> { TimeProvider = time };
        return most == 0
            ? builder.Build()
            : builder.AddRetry(new RetryStrategyOptions<WebhookFailure?>
            {
                ShouldHandle = static outcome => ValueTask.FromResult(outcome.Outcome.Result is not null),
                MaxRetryAttempts = most,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = FirstDelay,
                MaxDelay = LongestDelay,
                // The receiver's wish, within reason; null: as the options say.
                DelayGenerator = static outcome => ValueTask.FromResult(
                    outcome.Outcome.Result?.RetryAfter is { } asked && asked > TimeSpan.Zero
                        ? asked < LongestDelay ? asked : LongestDelay
                        : (TimeSpan?)null),
            }).Build();
    }
}

/// <summary>That an event was given up.</summary>
/// <param name="Attempts">How often it was sent.</param>
/// <param name="Reason">Why the last request failed.</param>
internal sealed record GivenUp(int Attempts, string Reason);
