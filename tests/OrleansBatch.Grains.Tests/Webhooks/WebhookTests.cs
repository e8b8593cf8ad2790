using System.Security.Cryptography;
using System.Text;
using OrleansBatch.Model;
using OrleansBatch.Model.Jobs;
using OrleansBatch.Model.Webhooks;
using OrleansBatch.Testing;

namespace OrleansBatch.Grains.Tests.Webhooks;

/// <summary>What is recorded reaches its receivers: at least once, each job's in order, whatever the receivers do. A clock of its own.</summary>
public sealed class WebhookTests : IAsyncLifetime
{
    private readonly TestFolder _folder = new("webhooks");
    private readonly WebhookReceiver _receiver = new();
    private Batch _batch = null!;

    public async ValueTask InitializeAsync() => _batch = await Batch.StartAsync(_folder["batch.db"]);

    public async ValueTask DisposeAsync()
    {
        await _batch.DisposeAsync();
        await _receiver.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_jobs_events_arrive_in_order_signed_and_in_the_form_of_EventBridge()
    {
        await CreateAsync(new() { Secret = "whsec_" + Convert.ToBase64String(Encoding.UTF8.GetBytes("a secret of 24 bytes: ok")) });
        var queue = await _batch.SetUpAsync(maxvCpus: 1);
        var job = await _batch.SubmitAsync(queue);
        await _batch.RunAsync(queue, 0);
        await UntilTakenAsync(job, 4);

        Assert.Equal([1, 2, 3, 4], _receiver.TakenOf(job));
        var last = _receiver.Received[^1];
        Assert.Equal("SUCCEEDED", last.JobStatus);
        Assert.Equal("aws.batch Batch Job State Change 0 123456789012 us-east-1", string.Join(' ', new[] { "source", "detail-type", "version", "account", "region" }.Select(name => last.Event.GetProperty(name).GetString())));
        Assert.Equal(4, last.Event.GetProperty("detail").GetProperty("orleansBatch").GetProperty("sequenceNumber").GetInt32());
        Assert.Equal((last.Id, "application/json"), (last.Headers["webhook-id"], last.Headers["Content-Type"]));
        var signed = Encoding.UTF8.GetBytes($"{last.Headers["webhook-id"]}.{last.Headers["webhook-timestamp"]}.{last.Body}");
        Assert.Equal($"v1,{Convert.ToBase64String(HMACSHA256.HashData(Encoding.UTF8.GetBytes("a secret of 24 bytes: ok"), signed))}", last.Headers["webhook-signature"]);
    }

    [Fact]
    public async Task What_is_not_taken_is_sent_again_with_the_same_id_before_the_jobs_next()
    {
        var failures = 3;
        _receiver.Answer = each => each.JobStatus == "STARTING" && Interlocked.Decrement(ref failures) >= 0 ? 500 : 200;
        await CreateAsync(new());
        var queue = await _batch.SetUpAsync(maxvCpus: 1);
        var job = await _batch.SubmitAsync(queue);
        await _batch.RunAsync(queue, 0);

        await AdvanceUntilAsync(() => _receiver.TakenOf(job).Count() == 4);

        Assert.Equal([1, 2, 2, 2, 2, 3, 4], _receiver.Received.Select(each => each.Number));
        Assert.Equal(4, _receiver.Received.Select(each => each.Id).Distinct().Count());
    }

    [Fact]
    public async Task An_event_that_is_not_taken_does_not_hold_up_other_jobs()
    {
        var queue = await _batch.SetUpAsync(maxvCpus: 1);
        await CreateAsync(new() { JobQueues = [queue] });
        string? stuck = null; // the first event can arrive before its job's id is known here
        _receiver.Answer = each => stuck is null || each.JobId == stuck ? 503 : 200;
        stuck = await _batch.SubmitAsync(queue);
        var other = await _batch.SubmitAsync(queue);
        await _batch.RunAsync(queue, 0, 0);

        await UntilTakenAsync(other, 4);
        Assert.Empty(_receiver.TakenOf(stuck));
    }

    [Fact]
    public async Task A_receiver_that_hangs_is_given_up_and_asked_again()
    {
        var hangs = 1;
        _receiver.Answer = _ => Interlocked.Decrement(ref hangs) >= 0 ? null : 200;
        await CreateAsync(new());
        var queue = await _batch.SetUpAsync(maxvCpus: 1);
        var job = await _batch.SubmitAsync(queue);
        await Batch.UntilAsync(() => Task.FromResult(_receiver.Received.Count == 1));

        _batch.NetworkClock.Advance(TimeSpan.FromSeconds(11));
        await AdvanceUntilAsync(() => _receiver.TakenOf(job).Any());

        Assert.Contains("did not answer", (await DescribeAsync()).LastFailure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task When_the_retries_are_used_up_the_event_is_a_dead_letter_and_the_next_go_on()
    {
        _receiver.Answer = each => each.JobStatus == "STARTING" ? 500 : 200;
        await CreateAsync(new() { MaximumRetryAttempts = 2 });
        var queue = await _batch.SetUpAsync(maxvCpus: 1);
        var job = await _batch.SubmitAsync(queue);
        await _batch.RunAsync(queue, 0);
        await AdvanceUntilAsync(() => _receiver.TakenOf(job).Count() == 3);

        Assert.Equal([1, 2, 2, 2, 3, 4], _receiver.Received.Select(each => each.Number));
        await Batch.UntilAsync(async () => (await LettersAsync()).Count > 0);
        var letter = Assert.Single(await LettersAsync());
        Assert.Equal((3, "The receiver answered 500.", "STARTING"), (letter.Attempts, letter.Reason, letter.Event!.Detail.Status));

        var again = await _batch.Webhooks.Redrive("hook", new(), CancellationToken.None);
        Assert.Equal((0, 1), (again.Delivered, again.Failed));
        _receiver.Answer = _ => 200;
        again = await _batch.Webhooks.Redrive("hook", new() { Cursors = [letter.Cursor] }, CancellationToken.None);
        Assert.Equal((1, 0), (again.Delivered, again.Failed));
        Assert.Equal(letter.Event.Id, _receiver.Received[^1].Id);
        Assert.Empty(await LettersAsync());
    }

    [Fact]
    public async Task A_redirect_is_not_followed()
    {
        _receiver.Answer = _ => 302;
        await CreateAsync(new() { MaximumRetryAttempts = 0 });
        var queue = await _batch.SetUpAsync(maxvCpus: 1);
        await _batch.SubmitAsync(queue);
        await Batch.UntilAsync(async () => (await LettersAsync()).Count > 0);

        Assert.Equal("The receiver answered 302.", (await LettersAsync())[0].Reason);
        Assert.Equal(_receiver.Received.Count, _receiver.Received.Select(each => each.Id).Distinct().Count());
    }

    [Fact]
    public async Task A_receiver_that_is_not_there_holds_up_no_other_and_no_job()
    {
        await _batch.Webhooks.Create(new() { Name = "dead", Url = "http://127.0.0.1:9/" }, null, CancellationToken.None);
        await CreateAsync(new());
        var queue = await _batch.SetUpAsync(maxvCpus: 1);
        var job = await _batch.SubmitAsync(queue);
        await _batch.RunAsync(queue, 0);

        await UntilTakenAsync(job, 4);
        await Batch.UntilAsync(async () => (await _batch.Webhooks.Describe("dead", CancellationToken.None)).LastFailure is not null);
    }

    [Fact]
    public async Task Only_what_is_wanted_is_sent()
    {
        var queue = await _batch.SetUpAsync(maxvCpus: 1);
        await CreateAsync(new() { Statuses = ["FAILED", "SUCCEEDED"], JobQueues = [queue], DetailTypes = ["Batch Job State Change"] });
        var other = await _batch.SetUpAsync(maxvCpus: 1);
        await _batch.SubmitAsync(other);
        await _batch.RunAsync(other, 0);
        var job = await _batch.SubmitAsync(queue);
        await _batch.RunAsync(queue, 1);

        await UntilTakenAsync(job, 1);
        Assert.Equal([(job, "FAILED")], _receiver.Received.Select(each => (each.JobId, each.JobStatus)));
    }

    [Fact]
    public async Task While_a_webhook_is_disabled_its_events_wait()
    {
        await CreateAsync(new() { State = "DISABLED" });
        var queue = await _batch.SetUpAsync(maxvCpus: 1);
        var job = await _batch.SubmitAsync(queue);
        await _batch.RunAsync(queue, 0);
        Assert.Empty(_receiver.Received);

        await _batch.Webhooks.Update(new() { Name = "hook", State = "ENABLED" }, CancellationToken.None);

        await UntilTakenAsync(job, 4);
    }

    [Fact]
    public async Task After_a_restart_the_keeper_wakes_it_and_what_was_not_taken_comes()
    {
        _receiver.Answer = each => each.JobStatus == "RUNNABLE" ? 200 : 500;
        await CreateAsync(new());
        var queue = await _batch.SetUpAsync(maxvCpus: 1);
        var job = await _batch.SubmitAsync(queue);
        await _batch.RunAsync(queue, 0);
        await UntilTakenAsync(job, 1);
        await _batch.DisposeAsync();

        _receiver.Answer = _ => 200;
        _batch = await Batch.StartAsync(_folder["batch.db"]);
        await _batch.Keeper.LookAsync(CancellationToken.None);

        await Batch.UntilAsync(() => Task.FromResult(_receiver.TakenOf(job).Distinct().Count() == 4));
        Assert.Equal([1, 2, 3, 4], _receiver.TakenOf(job).Distinct());
    }

    [Fact]
    public async Task Each_child_of_an_array_is_told_of()
    {
        var queue = await _batch.SetUpAsync(maxvCpus: 1);
        await CreateAsync(new() { JobQueues = [queue] });
        var array = await _batch.SubmitAsync(queue, size: 40);
        var launch = await _batch.LaunchOfAsync(queue);
        await _batch.ExitedAsync(launch, 0);
        await _batch.CancelAsync(array);
        // Different jobs are told of side by side.
        await Batch.UntilAsync(() => Task.FromResult(_receiver.TakenOf($"{array}:0").Count() == 4 && _receiver.TakenOf($"{array}:38").Count() == 2));

        Assert.Equal([1, 2, 3, 4], _receiver.TakenOf($"{array}:0"));
        Assert.Equal([1, 2], _receiver.TakenOf($"{array}:38"));
    }

    [Fact]
    public async Task A_webhook_that_is_created_anew_gets_nothing_of_the_former()
    {
        await CreateAsync(new() { State = "DISABLED" });
        var queue = await _batch.SetUpAsync(maxvCpus: 1);
        await _batch.SubmitAsync(queue);
        await _batch.Webhooks.Delete("hook", CancellationToken.None);
        await _batch.Webhooks.Delete("hook", CancellationToken.None);
        Assert.Empty((await _batch.Webhooks.List(CancellationToken.None)).Webhooks);
        await CreateAsync(new());
        var later = await _batch.SubmitAsync(queue);
        await _batch.RunAsync(queue, 0);
        await UntilTakenAsync(later, 1);

        Assert.Equal("hook", Assert.Single((await _batch.Webhooks.List(CancellationToken.None)).Webhooks).Name);
        Assert.DoesNotContain(_receiver.Received, each => each.JobId != later && each.Number == 1);
    }

    [Fact]
    public async Task The_same_call_creates_once_and_another_is_refused()
    {
        var call = new Invocation { Key = "call" };
        var request = new WebhookRequest { Name = "hook", Url = _receiver.Url };
        var first = await _batch.Webhooks.Create(request, call, CancellationToken.None);

        Assert.Equal(first.Cursor, (await _batch.Webhooks.Create(request, call, CancellationToken.None)).Cursor);
        await RefusedAsync("already exists", () => _batch.Webhooks.Create(request, null, CancellationToken.None));
    }

    [Theory]
    [InlineData("a b", "http://a/", null, null, 0, null, "name")]
    [InlineData("a", null, null, null, 0, null, "url")]
    [InlineData("a", "ftp://a/", null, null, 0, null, "url")]
    [InlineData("a", "/events", null, null, 0, null, "url")]
    [InlineData("a", "http://user:word@a/", null, null, 0, null, "url")]
    [InlineData("a", "http://a/", "short", null, 0, null, "secret")]
    [InlineData("a", "http://a/", "whsec_no base64 here", null, 0, null, "secret")]
    [InlineData("a", "http://a/", null, "ON", 0, null, "state")]
    [InlineData("a", "http://a/", null, null, 186, null, "maximumRetryAttempts")]
    [InlineData("a", "http://a/", null, null, 0, "DONE", "statuses")]
    public async Task A_webhook_that_cannot_be_is_refused(string name, string? url, string? secret, string? state, int retries, string? status, string word) =>
        await RefusedAsync(word, () => _batch.Webhooks.Create(
            new() { Name = name, Url = url, Secret = secret, State = state, MaximumRetryAttempts = retries, Statuses = status is null ? null : [status] },
            null,
            CancellationToken.None));

    [Fact]
    public async Task What_does_not_exist_is_said_so()
    {
        await RefusedAsync("does not exist", () => _batch.Webhooks.Describe("none", CancellationToken.None));
        await RefusedAsync("does not exist", () => _batch.Webhooks.Update(new() { Name = "none" }, CancellationToken.None));
        await RefusedAsync("does not exist", () => _batch.Webhooks.ListDeadLetters("none", null, CancellationToken.None));
        await RefusedAsync("does not exist", () => _batch.Webhooks.Redrive("none", new(), CancellationToken.None));
    }

    private static async Task RefusedAsync(string word, Func<Task> call) =>
        Assert.Contains(word, (await Assert.ThrowsAsync<BatchClientException>(call)).Message, StringComparison.Ordinal);

    private Task<WebhookDetail> CreateAsync(WebhookRequest request) =>
        _batch.Webhooks.Create(request with { Name = "hook", Url = _receiver.Url }, null, CancellationToken.None);

    private Task<WebhookDetail> DescribeAsync() => _batch.Webhooks.Describe("hook", CancellationToken.None);

    private async Task<IReadOnlyList<DeadLetter>> LettersAsync() =>
        (await _batch.Webhooks.ListDeadLetters("hook", null, CancellationToken.None)).DeadLetters;

    private Task UntilTakenAsync(string jobId, int count) => Batch.UntilAsync(() => Task.FromResult(_receiver.TakenOf(jobId).Count() >= count));

    private Task AdvanceUntilAsync(Func<bool> holds) => Batch.UntilAsync(() =>
    {
        _batch.Clock.Advance(TimeSpan.FromSeconds(1));
        return Task.FromResult(holds());
    });
}
