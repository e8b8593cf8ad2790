using OrleansBatch.GrainInterfaces;
using OrleansBatch.Model;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Api.Operations;

/// <summary>One call of an operation.</summary>
/// <param name="Request">As it came.</param>
/// <param name="Scope">Account and region that it is for.</param>
/// <param name="Grains">Where grains are found.</param>
/// <param name="Invocation">What tells a repetition from a new call; null: every call is new.</param>
/// <param name="Aborted">Fires when the caller is gone: for reads only. A command that has begun is never cut off half way.</param>
internal readonly record struct Call<TRequest>(
    TRequest Request, Scope Scope, IGrainFactory Grains, Invocation? Invocation, CancellationToken Aborted)
{
    /// <summary>The grain of the caller's scope.</summary>
    public TGrain Grain<TGrain>()
        where TGrain : class, IGrainWithStringKey => Grains.Refer<TGrain>(Scope.Key);
}
